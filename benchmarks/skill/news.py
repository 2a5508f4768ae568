"""How well headlines are read: `python -m benchmarks.skill.news` prints one JSON object.

People labelled 1,649 crypto headlines good, bad or neither. Words, weights and the bounds between the three were chosen
on those before 19 May 2021 (`--fit` prints how the bound was); reported are those from that day on. Beside the desk's reader stand the commonest label,
VADER as it comes, TF-IDF with a logistic regression taught by the earlier half, and the same regression taught by the
one labelled text whose licence would let its weights be shipped (1,164 tweets on stocks, MIT), alone and added to the
desk's reader. Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.skill.recordings import DATA, need_data
from desk.news.sentiment import LEAN, sentiment_of
from desk.news.text import plain_text

LABELLED = DATA / "news" / "cryptolin_labelled_headlines.csv.gz"
TWEETS = DATA / "news" / "twitter_financial_news_valid.csv.gz"
SPLIT = "2021-05-19"
VADER_LEAN = 0.05  # its authors' own bound
ADDED = 0.5
BOUNDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
_TWEET_LABELS = {"0": -1, "1": 1, "2": 0}
_NOISE = re.compile(r"https?://\S+|\$[A-Z.]+")

Reader = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True, slots=True)
class Half:
    """Headlines made plain, and what people said of each: 1 good, -1 bad, 0 neither."""

    titles: list[str]
    labels: np.ndarray


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="print how the bound between the tones was chosen")
    wanted = parser.parse_args()
    need_data()
    earlier, later = halves(LABELLED)
    answer = fitted(earlier) if wanted.fit else report(earlier, later)
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")


def fitted(earlier: Half) -> dict[str, Any]:
    """For each bound, what is best in sum: three classes, good and bad alone, and the mean of the three recalls."""
    scores = desk_scores(earlier.titles)
    told: dict[str, float] = {}
    for bound in BOUNDS:
        said = leaning(scores, bound)
        leans = earlier.labels != 0
        recalls = [float((said[earlier.labels == k] == k).mean()) for k in (-1, 0, 1)]
        right = said == earlier.labels
        told[f"{bound:.2f}"] = round(float(right.mean() + right[leans].mean() + np.mean(recalls)), 4)
    return {"sum_by_bound": told, "chosen": max(told, key=lambda bound: told[bound])}


def report(earlier: Half, later: Half) -> dict[str, Any]:
    """Everything the docstring names."""
    readers = readers_of(earlier)
    began = process_time()
    for title in later.titles:
        sentiment_of(plain_text(title).text)
    spent = process_time() - began
    return {
        "chosen_before": SPLIT,
        "read_by": "the lexicon, which is what reads headlines without a model; a model is measured by "
        "`python -m benchmarks.skill.reader --model NAME`",
        "labels": {
            name: dict(Counter(map(int, half.labels))) for name, half in (("chosen", earlier), ("reported", later))
        },
        "reported_half": {name: scored(read(later.titles), later.labels) for name, read in readers.items()},
        "chosen_half": {"detector": scored(readers["detector"](earlier.titles), earlier.labels)},
        "headlines_per_cpu_second": round(len(later.titles) / spent),
    }


def halves(path: Path) -> tuple[Half, Half]:
    """The labelled headlines before the split and from it on."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parts = ([r for r in rows if r["date"] < SPLIT], [r for r in rows if r["date"] >= SPLIT])
    return tuple(  # type: ignore[return-value]
        Half([plain_text(r["news"]).text for r in part], np.array([int(r["final_manual_labelling"]) for r in part]))
        for part in parts
    )


def readers_of(earlier: Half) -> dict[str, Reader]:
    """What is compared."""
    taught, borrowed = linear().fit(earlier.titles, earlier.labels), linear().fit(*tweets())
    vader = SentimentIntensityAnalyzer()
    return {
        "detector": lambda titles: leaning(desk_scores(titles), LEAN),
        "naive_commonest_label": lambda titles: np.full(
            len(titles), Counter(map(int, earlier.labels)).most_common(1)[0][0]
        ),
        "naive_vader": lambda titles: leaning(
            np.array([vader.polarity_scores(title)["compound"] for title in titles]), VADER_LEAN
        ),
        "naive_tfidf_taught_by_earlier_half": lambda titles: taught.predict(titles),
        "naive_tfidf_taught_by_tweets": lambda titles: borrowed.predict(titles),
        "desk_plus_tweets": lambda titles: leaning(desk_scores(titles) + ADDED * lean_of(borrowed, titles), LEAN),
    }


def linear() -> Pipeline:
    """One and two words by TF-IDF, and a logistic regression that weighs each label alike."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return make_pipeline(words, LogisticRegression(C=5, class_weight="balanced", max_iter=1000))


def tweets() -> tuple[list[str], np.ndarray]:
    """Tweets on stocks without their links and tickers."""
    with gzip.open(TWEETS, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [_NOISE.sub("", row["text"]) for row in rows], np.array([_TWEET_LABELS[row["label"]] for row in rows])


def desk_scores(titles: Sequence[str]) -> np.ndarray:
    return np.array([sentiment_of(title).score for title in titles])


def lean_of(model: Pipeline, titles: Sequence[str]) -> np.ndarray:
    """How much likelier good than bad."""
    odds = model.predict_proba(titles)
    return odds[:, 2] - odds[:, 0]


def leaning(scores: np.ndarray, bound: float) -> np.ndarray:
    return np.where(scores > bound, 1, np.where(scores < -bound, -1, 0))


def scored(said: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Three classes, and the good and bad alone: there a headline read as neither is wrong too."""
    leans = labels != 0
    return {
        "three_classes": share(said == labels),
        "good_and_bad": share(said[leans] == labels[leans]),
        "recall": {
            name: share(said[labels == k] == k)["value"] for name, k in (("bad", -1), ("neither", 0), ("good", 1))
        },
    }


def share(right: np.ndarray) -> dict[str, Any]:
    """A share with its Wilson interval."""
    n, p, z = len(right), float(right.mean()), 1.959964
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)
    return {"value": round(p, 4), "low": round(low, 4), "high": round(high, 4), "of": n}


if __name__ == "__main__":
    main()
