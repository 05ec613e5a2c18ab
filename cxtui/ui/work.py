"""The one door from the screen to a worker thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from textual.widget import Widget

T = TypeVar("T")
P = ParamSpec("P")

Failed = Callable[[Exception], None]


class _Unwaited(Executor):
    """Runs each job in a thread of its own, for which nothing waits when the program ends."""

    def submit(self, job: Callable[P, T], /, *given: P.args, **more: P.kwargs) -> Future[T]:
        """Begin a job."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                result = job(*given, **more)
            except BaseException as problem:
                future.set_exception(problem)
            else:
                future.set_result(result)

        Thread(target=run, name="cxtui-aside", daemon=True).start()
        return future


class Work:
    """Runs services off the screen's thread: reads in one thread, writes in another, each in order.

    A read of the same group that comes later makes the earlier one's result void; a write is never given up.
    """

    def __init__(self) -> None:
        self._reads = ThreadPoolExecutor(1, thread_name_prefix="cxtui-read")
        self._writes = ThreadPoolExecutor(1, thread_name_prefix="cxtui-write")
        self._aside = _Unwaited()

    def read(self, node: Widget, group: str, job: Callable[[], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run ``job``; ``done`` or ``failed`` follows on the screen's thread, unless a later read made it void.

        What was read for a part of the screen that is gone by then is dropped.
        """

        def arrived(result: T) -> None:
            if node.is_attached and not node._pruning:
                done(result)

        async def carry() -> None:
            await self._carry(self._reads, job, arrived, failed)

        self._begin(node, carry, group=group, exclusive=True)

    def write(self, node: Widget, job: Callable[[], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run ``job`` after all writes before it."""

        async def carry() -> None:
            await self._carry(self._writes, job, done, failed)

        self._begin(node, carry, group="write", exclusive=False)

    def aside(self, node: Widget, job: Callable[[], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run ``job``, which waits for another machine, beside all reads and writes; leaving the console ends it."""

        async def carry() -> None:
            await self._carry(self._aside, job, done, failed)

        self._begin(node, carry, group="aside", exclusive=False)

    def unheard(self, job: Callable[[], object]) -> None:
        """Run ``job`` after all writes before it, whatever becomes of the screen; how it ends concerns nobody."""
        with suppress(RuntimeError):
            # The console is being left.
            self._writes.submit(job)

    def ahead(self, job: Callable[[], T]) -> Future[T]:
        """Begin a read for a widget that is not on the screen yet."""
        return self._reads.submit(job)

    def get_ready(self, node: Widget) -> None:
        """Load in the background what the first write needs: somebody is about to write."""
        from cxtui.services.writing import make_ready

        self.write(node, make_ready, _unheeded, _unheeded)

    def _begin(self, node: Widget, carry: Any, *, group: str, exclusive: bool) -> None:
        # A function, not a coroutine: one that is void before it began would be complained of.
        node.run_worker(carry, group=group, exclusive=exclusive, exit_on_error=False)

    async def _carry(self, pool: Executor, job: Callable[[], T], done: Callable[[T], None], failed: Failed) -> None:
        try:
            running = asyncio.get_running_loop().run_in_executor(pool, job)
            result = await (asyncio.shield(running) if pool is self._writes else running)
        except Exception as problem:
            failed(problem)
        else:
            done(result)

    def close(self) -> None:
        """Wait for the writes that were begun; give up the reads."""
        self._reads.shutdown(wait=False, cancel_futures=True)
        self._writes.shutdown(wait=True)


def _unheeded(_: object) -> None:
    """Nothing follows from being ready; what is wrong will be said by the write itself."""
