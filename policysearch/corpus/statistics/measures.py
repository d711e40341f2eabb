"""Measures of corpus linguistics, each with its source.

Two texts are compared by a table of two rows and two columns: the number of occurrences of a term in each, and the
number of other places of each. Places are Han characters, or documents if documents are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import erfc, log, log2, sqrt

__all__ = [
    "expected",
    "log_dice",
    "log_likelihood",
    "log_ratio",
    "log_ratio_conservative",
    "mutual_information",
    "p_value",
    "proportion_deviation",
]

Z95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution, for 95 % confidence intervals."""


def log_likelihood(together: float, first: float, second: float, total: float) -> float:
    """Return the log-likelihood statistic G² of a table of two rows and two columns, at least 0.

    2 Σ O ln(O / E) over the four cells, E being row sum times column sum over the total; an empty cell adds 0.
    T. Dunning, Accurate methods for the statistics of surprise and coincidence, Computational Linguistics 19 (1993).

    Args:
        together: The first cell, O11.
        first: The sum of its row, R1.
        second: The sum of its column, C1.
        total: The sum of all cells, N.
    """
    rows, columns = (first, total - first), (second, total - second)
    cells = ((together, first - together), (second - together, total - first - second + together))
    found = 0.0
    for row, pair in zip(rows, cells, strict=True):
        for column, cell in zip(columns, pair, strict=True):
            if cell > 0 and row > 0 and column > 0:
                found += cell * log(cell * total / (row * column))
    return max(0.0, 2 * found)


def p_value(statistic: float) -> float:
    """Return the p-value of G²: the survival function of the χ² distribution with one degree of freedom.

    That is erfc(√(x / 2)); below about 1e-300 it is 0.
    """
    return erfc(sqrt(statistic / 2))


def log_ratio(one: float, size: float, other: float, other_size: float) -> float | None:
    """Return the binary logarithm of the ratio of two relative frequencies: 1 for twice as often, -1 for half.

    A count of 0 is replaced by 0.5. None if one of the sizes is 0.
    A. Hardie, Log Ratio: an informal introduction, CASS blog, Lancaster (2014).

    Args:
        one: Occurrences of a term in the first text.
        size: Number of places of that text.
        other: Its occurrences in the second text.
        other_size: Number of places of that text.
    """
    if not size or not other_size:
        return None
    return log2((one or 0.5) / size) - log2((other or 0.5) / other_size)


def log_ratio_conservative(one: float, size: float, other: float, other_size: float) -> float | None:
    """Return the bound of the 95 % confidence interval of ``log_ratio`` nearer to 0, or 0 if the interval contains it.

    The interval is that of a relative risk: its natural logarithm plus and minus ``Z95`` (1.96 rounded) times
    √(1/a - 1/n + 1/b - 1/m). D. Katz et al., Obtaining confidence intervals for the risk ratio in cohort studies,
    Biometrics 34 (1978); used so for Log Ratio by A. Hardie in CQPweb. It is not corrected for multiple comparisons.
    Counts of 0 are replaced by 0.5. None if one of the sizes is 0.
    """
    middle = log_ratio(one, size, other, other_size)
    if middle is None:
        return None
    one, other = one or 0.5, other or 0.5
    error = sqrt(max(0.0, 1 / one - 1 / size + 1 / other - 1 / other_size)) / log(2)
    if abs(middle) <= Z95 * error:
        return 0.0
    return middle - Z95 * error if middle > 0 else middle + Z95 * error


def expected(first: float, second: float, total: float) -> float:
    """Return the number of co-occurrences expected by chance, R1 · C1 / N; 0 if N is 0."""
    return first * second / total if total else 0.0


def mutual_information(together: float, by_chance: float) -> float | None:
    """Return the pointwise mutual information, log₂(O / E), in bits. None if undefined.

    K. Church and P. Hanks, Word association norms, mutual information, and lexicography, Computational Linguistics 16
    (1990).
    """
    return log2(together / by_chance) if together > 0 and by_chance > 0 else None


def log_dice(together: float, one: float, other: float) -> float | None:
    """Return logDice, 14 + log₂(2 f(x, y) / (f(x) + f(y))); 14 for two that only occur together. None without any.

    P. Rychlý, A lexicographer-friendly association score, RASLAN (2008).
    """
    return 14 + log2(2 * together / (one + other)) if together > 0 else None


def proportion_deviation(parts: Iterable[tuple[float, float]]) -> float | None:
    """Return Gries' deviation of proportions, DP: half of Σ |v / Σv - s / Σs|, from 0 (even) towards 1 (in one part).

    S. Th. Gries, Dispersions and adjusted frequencies in corpora, International Journal of Corpus Linguistics 13
    (2008). None if nothing was counted or the parts have no size.

    Args:
        parts: For each part of a corpus, the occurrences of a term in it, and its size.
    """
    pairs = list(parts)
    counts, sizes = sum(count for count, _ in pairs), sum(size for _, size in pairs)
    if not counts or not sizes:
        return None
    return sum(abs(count / counts - size / sizes) for count, size in pairs) / 2
