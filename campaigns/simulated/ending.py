"""The end of a run: faults cease, late orders arrive, the guard looks for half a minute, and both sides must agree.

The journal is replayed and must give the guard's own state: from its newest checkpoint, as every start on the way did,
or, in a run that is asked to, from its first row.
"""

from __future__ import annotations

from campaigns.simulated.world import ACCOUNT, World
from desk.domain.errors import DeskError
from desk.guard.record.replay import replay
from desk.guard.vocabulary.state import Mode, Phase, state_hash

_LOOKS, _EACH_S = 36, 1.0


def settle(world: World, *, from_start: bool = True) -> None:
    """Bring the world to rest, then compare the exchange's books with the guard's and its journal's."""
    network = world.network
    network.calm, network.down, world.record.kills = True, False, 0.0
    world.clock.skew_ms = 0
    if world.record.full:
        world.record.full = False
        world.start()
    network.arrive(everything=True)
    world.market.drift, world.market.nerves = 0.0, 0.00001
    for _ in range(_LOOKS):
        world.step(lambda: None, _EACH_S)
    world.step(lambda: world.guard.look(lists=True), 0.25)
    _agree(world)
    _remembered(world, from_start=from_start)


def _agree(world: World) -> None:
    state, findings = world.guard.state, world.judge.findings
    held = {row.symbol: row.quantity for row in world.exchange.positions(ACCOUNT) if row.quantity}
    booked = {one.symbol: one.quantity for one in state.ledger.holdings if one.quantity} if state.ledger else {}
    if held != booked:
        findings.broken("I4", f"the exchange holds {held}, the desk's books {booked}")
    for symbol in held.keys() - world.judge.protection.not_ours:
        trade = state.trade(symbol)
        if trade is None or trade.phase is not Phase.PROTECTED:
            findings.broken("I4", f"{symbol} is held, and the desk has {trade and trade.phase} of it")
    if bare := set(world.judge.protection.naked()) - world.judge.protection.not_ours:
        findings.broken("I7", f"{sorted(bare)} end without a stop")
    if any(trade.symbol not in held for trade in state.trades):
        findings.broken("I4", f"a trade lives without a position: {[trade.symbol for trade in state.trades]}")
    if not held and (world.exchange.open_orders(ACCOUNT) or world.exchange.open_algos(ACCOUNT)):
        findings.broken("I4", "orders rest at the exchange, and nothing is held")
    if state.latch is not None and state.mode not in (Mode.LOCKED, Mode.RESET_REQUESTED):
        findings.broken("I5", f"latched, and still {state.mode}")
    if state.latch is not None and held:
        findings.broken("I9", f"latched, and still holding {held}")
    if any(world.exchange.imbalances().values()):
        findings.broken("I10", f"the exchange invented money: {world.exchange.imbalances()}")


def _remembered(world: World, *, from_start: bool) -> None:
    findings = world.judge.findings
    try:
        again = replay(world.record.rows(), from_start=from_start)
    except DeskError as error:
        findings.broken("I11", error.message)
        return
    if state_hash(again.state) != state_hash(world.guard.state):
        findings.broken("I11", "the journal gives another state than the guard's")
    for order in world.exchange.all_orders(ACCOUNT):
        if order.client_id.startswith("cd-") and not world.record.holds(order.client_id):
            findings.broken("I10", f"{order.client_id} is on the wire and not in the record")
