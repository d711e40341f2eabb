"""Two or more examples for each command, at the end of its help."""

from __future__ import annotations

__all__ = ["EXAMPLES"]

EXAMPLES = {
    "index": ("index sources/", "index reports/ laws/ --exclude '*.doc' -i policy"),
    "search": (
        "search 优化 营商环境 --year 2024",
        "search --type 通知 --facets year,province",
        "search '句(低空经济 发展)' -o hits.csv",
    ),
    "batch": ("batch topics.tsv --format trec --tag run1", "batch queries.txt -o hits.csv"),
    "count": ("count 营商环境 放管服 --by region,year", "count --terms terms.txt --by year -o counts.csv"),
    "matrix": ("matrix 营商环境 就业 --by region", "matrix 营商环境 --by document --value per_10000 --format csv"),
    "trend": ("trend 新质生产力 低空经济", "trend 营商环境 --province 广东 --format csv"),
    "words": ("words --year 2024 -n 50", "words --unit ngram --where type:通知"),
    "collocates": ("collocates 营商环境", "collocates 就业 --window 10 -n 20 --format csv"),
    "keywords": ("keywords --year 2024", "keywords --where year:2024 --against year:2023 --unit ngram"),
    "kwic": ("kwic 营商环境 --sort right", "kwic 低空经济 --sample 20 --seed 1 -o lines.csv"),
    "targets": ("targets --indicator GDP", "targets --year 2024 --format csv -o targets.csv"),
    "verify": ("verify draft.docx", "verify --quote 持续优化营商环境 --of 2024年政府工作报告"),
    "compare": ("compare 旧稿.docx 新稿.docx", "compare --versions 云麓省渡口管理条例"),
    "list": ("list --title 工作报告 --sort -date", "list --by region --where 营商环境"),
    "show": ("show '政府工作报告/2024年云麓省政府工作报告.txt#11'", "show 通知/甲.txt --format json"),
    "export": ("export --sqlite policy.db", "export --parquet tables/ --year 2024"),
    "outline": ("outline sources/通知/甲.docx", "outline report.pdf --format json"),
    "info": ("info", "info --verbose"),
    "serve": ("serve", "serve --port 8000 -i policy"),
    "mcp": ("mcp", "mcp --skill"),
    "reuse": ("reuse --of 2024年某市政府工作报告.txt", "reuse --of '2024*' --in '2023*' --format csv"),
    "citations": ("citations --to 劳动合同法第三十九条", "citations --year 2024 --format csv"),
    "check": ("check", "check --repair"),
}
"""The arguments of each example, after the program's name."""
