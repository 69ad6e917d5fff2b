"""The counts as Prometheus reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.ops.counters import BUCKETS, Totals
from service.ops.shared import Report
from service.ops.training import Training

#: Events that are counted, and what each means.
EVENTS = {
    "empty_lists": "Lists that were answered without an item.",
    "fallbacks": "Lists that were filled up from a fallback.",
    "reload_errors": "Times a published version could not be opened.",
    "rate_limited": "Requests that were refused because a client sent too many.",
    "lost_log_lines": "Lines of the log that were lost, since nothing took them.",
}


class Metrics(Collector):
    """Every metric of the service, from reports of its workers.

    Args:
        reports: Of the workers that run.
        ended: The totals of those that ran.
        now: The time, in seconds of the epoch.
        training: How training is.
    """

    def __init__(
        self,
        reports: Sequence[Report],
        ended: Totals,
        now: float,
        training: Training | None = None,
    ) -> None:
        self._training = training or Training()
        self._reports = reports
        self._now = now
        self._totals = Totals()
        for totals in (ended, *(report.totals for report in reports)):
            self._totals.add(totals)

    def collect(self) -> Iterator[Metric]:
        """The families, in a fixed order."""
        yield self._requests()
        yield self._durations()
        for name, meaning in EVENTS.items():
            yield CounterMetricFamily(
                f"related_posts_{name}", meaning, value=self._totals.events[name]
            )
        yield from self._versions()
        yield from self._trainings()

    def _trainings(self) -> Iterator[Metric]:
        """What keeps new posts from the lists."""
        held = GaugeMetricFamily(
            "related_posts_held_versions",
            "Versions that are kept and not live, by kind.",
            labels=("kind",),
        )
        for kind in ("asked", "gate", "rollback", "rolled-back"):
            held.add_metric((kind,), self._training.held.get(kind, 0))
        yield held
        limits = GaugeMetricFamily(
            "related_posts_gate_held_versions",
            "Versions that the quality gate holds back, by the setting whose limit they passed.",
            labels=("limit",),
        )
        for limit, n in sorted(self._training.limits.items()):
            limits.add_metric((limit,), n)
        yield limits
        yield GaugeMetricFamily(
            "related_posts_rollback",
            "1 while a rollback keeps later versions from being published.",
            value=float(self._training.rollback),
        )
        yield GaugeMetricFamily(
            "related_posts_training_failing",
            "1 while the last thing that the training worker tried has failed.",
            value=float(self._training.failing),
        )
        yield GaugeMetricFamily(
            "related_posts_training_worker",
            "1 while a training worker watches the data folder.",
            value=float(self._training.watched),
        )

    def _requests(self) -> Metric:
        family = CounterMetricFamily(
            "related_posts_requests",
            "Answers, by route and status; 304 is an answer that the client had already.",
            labels=("route", "status"),
        )
        for (route, status), n in sorted(self._totals.requests.items()):
            family.add_metric((route, str(status)), n)
        return family

    def _durations(self) -> Metric:
        family = HistogramMetricFamily(
            "related_posts_request_seconds",
            "Time from a request's arrival in the application to its answer.",
            labels=("route",),
        )
        bounds = [*map(str, BUCKETS), "+Inf"]
        for route in sorted({route for route, _ in self._totals.buckets}):
            n, cumulated = 0, []
            for place, bound in enumerate(bounds):
                n += self._totals.buckets[route, place]
                cumulated.append((bound, float(n)))
            family.add_metric((route,), cumulated, self._totals.seconds[route])
        return family

    def _versions(self) -> Iterator[Metric]:
        """What is served; the newest of them where workers are just swapping."""
        served = GaugeMetricFamily(
            "related_posts_version_workers",
            "Workers that serve a version; more than one version only while they swap.",
            labels=("version",),
        )
        for version, n in sorted(Counter(r.version for r in self._reports if r.version).items()):
            served.add_metric((version,), n)
        yield served
        newest = max(self._reports, key=lambda report: report.created, default=Report())
        age = max(0.0, self._now - newest.created) if newest.version else float("nan")
        yield GaugeMetricFamily(
            "related_posts_version_age_seconds",
            "Seconds since the version that is served was built; NaN without one.",
            value=age,
        )
        yield GaugeMetricFamily(
            "related_posts_posts", "Posts in that version.", value=newest.n_posts
        )
        yield GaugeMetricFamily(
            "related_posts_reload_failing",
            "Workers that cannot open the published version and serve an earlier one.",
            value=sum(report.failing for report in self._reports),
        )
        yield GaugeMetricFamily(
            "related_posts_workers", "Workers that run.", value=len(self._reports)
        )


def render(metrics: Metrics, accept: str) -> tuple[bytes, str]:
    """The metrics as a scraper that sends this ``Accept`` reads them; the media type."""
    encode, media_type = choose_encoder(accept)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(metrics)
    return encode(registry), media_type
