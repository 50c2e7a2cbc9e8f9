"""How a network judges photos and series while it is trained and at its end, on every process's share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.fgaesq import PairScore, TokenBatch, pair_seed, series_scores
from trainer import metrics, series_metrics

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from aesthetic_studio.models.fgaesq import Tokens
    from trainer.data.records import LabelledSeries, PhotoSet, SeriesSet
    from trainer.fgaesq.objective import FGAesQObjective
    from trainer.loop import Engine
    from trainer.metrics import Array

    Rows = NDArray[np.int64]

PHOTOS_AT_ONCE, PAIRS_AT_ONCE = 16, 8


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores photos and series with an objective's network, on its device.

    Attributes:
        objective: Whose network, settings and record of unreadable photos are used.
        engine: Whose processes share the work.
    """

    objective: FGAesQObjective
    engine: Engine

    @torch.inference_mode()
    def photos(self, data: PhotoSet, rows: Rows) -> tuple[Rows, Array]:
        """Distributions (M, 10) of the photos that can be read, each cut with seed 0, and which rows those are."""

        def judged(some: Rows) -> Tensor:
            photos = [self.objective.photo(data.files[row], data.paths[row]) for row in rows[some]]
            cut = [self.objective.difftoken.single(photo, 0) for photo in photos if photo is not None]
            found = torch.full((len(some), self.objective.network.config.bins), torch.nan)
            if cut:
                found[[photo is not None for photo in photos]] = self._answers(cut).softmax(dim=1).cpu()
            return found.to(self.engine.device)

        shares = self.engine.rows(len(rows), judged, PHOTOS_AT_ONCE).double().cpu().numpy()
        readable = np.isfinite(shares).all(axis=1)
        found: Array = shares[readable] / shares[readable].sum(axis=1, keepdims=True)
        return rows[readable], found

    @torch.inference_mode()
    def series(self, data: SeriesSet, rows: Rows) -> tuple[list[LabelledSeries], list[Array]]:
        """Scores of series, in the order of their members, by the pairs that people compared.

        Series with a photo that cannot be read are left out.
        """
        pairs = [(row, pair) for row in rows for pair in data.series[row].pairs]

        def judged(some: Rows) -> Tensor:
            found = torch.full((len(some), 2), torch.nan)
            for place, number in enumerate(some):
                row, pair = pairs[number]
                photos = [self.objective.photo(data.files[end], data.paths[end]) for end in (pair.first, pair.second)]
                if photos[0] is None or photos[1] is None:
                    continue
                try:
                    seed = pair_seed(data.series[row].name, pair.first, pair.second)
                    cut = list(self.objective.difftoken.pair(photos[0], photos[1], seed))
                except KnownError:
                    continue
                bins = torch.arange(1.0, self.objective.network.config.bins + 1)
                found[place] = self._answers(cut).softmax(dim=1).cpu() @ bins
            return found.to(self.engine.device)

        answers = self.engine.rows(len(pairs), judged, PAIRS_AT_ONCE).double().cpu().numpy()
        known, scores = [], []
        for row in rows:
            one = data.series[row]
            place = {member: number for number, member in enumerate(one.members)}
            own = [
                PairScore(place[pair.first], place[pair.second], float(answers[number][0]), float(answers[number][1]))
                for number, (of, pair) in enumerate(pairs)
                if of == row
            ]
            if all(np.isfinite((pair.first_score, pair.second_score)).all() for pair in own):
                known.append(one)
                scores.append(np.asarray(series_scores(len(one.members), own)))
        return known, scores

    def validate(self, photos: tuple[PhotoSet, Rows] | None, series: tuple[SeriesSet, Rows] | None) -> dict[str, float]:
        """SRCC of photos, pair accuracy and SRCC within series, and ``balanced``: the mean of the first two.

        Which figure chooses the best epoch is not stated in the paper; the mean is this project's choice, as the method
        is to lose neither. What cannot be told (no photo, or one alone) is left out.
        """
        found: dict[str, float] = {}
        if photos is not None and len(photos[1]):
            rows, predicted = self.photos(*photos)
            if len(rows) > 1:
                found["srcc"] = metrics.srcc(predicted, photos[0].votes[rows])
        if series is not None and len(series[1]):
            tally = series_metrics.tally(*self.series(*series))
            for name in ("pair_accuracy", "series_srcc"):
                found[name] = series_metrics.SERIES_METRICS[name](tally)
        known = [found[name] for name in ("srcc", "pair_accuracy") if np.isfinite(found.get(name, np.nan))]
        found = {name: value for name, value in found.items() if np.isfinite(value)}
        return found | {"balanced": float(np.mean(known)) if known else 0.0}

    def _answers(self, cut: list[Tokens]) -> Tensor:
        batch = TokenBatch.of(cut).to(self.engine.device)
        # Autocast as in training, where the engine has it; the last layer's numbers are then made exact again.
        with self.engine.accelerator.autocast():
            return self.objective.network.judge(batch).logits.float()
