"""What was found to text, JSON, tables and run files."""
