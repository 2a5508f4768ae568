"""The words of crypto news and what each is worth, written down by hand: from -4 (ruin) to +4 (triumph).

A group names its topic, its weight and its words; phrases are written with an underscore. Forms in -s, -ed, -ing are
found by their stem, so each word stands here once. Own work: no published list is copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from desk.news.values import Topic


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word is worth, and what it is about."""

    weight: float
    topic: Topic


_GROUPS: tuple[tuple[Topic, float, str], ...] = (
    (Topic.HACK, -3.5, "hack hacker hacking exploit exploited attacker stolen steal stole theft heist"),
    (Topic.HACK, -3.5, "rug_pull rugpull drained"),
    (Topic.HACK, -3.0, "drain drains critical_bug security_incident"),
    (Topic.HACK, -2.5, "attack breach leak leaked phishing malware ransomware scam scammer ponzi fraud"),
    (Topic.HACK, -2.5, "fraudulent fraudster victim counterfeit impersonate hijack compromised dark_web"),
    (Topic.HACK, -2.5, "darknet extort extortion cryptojacking"),
    (Topic.HACK, -1.8, "vulnerability bug glitch outage flaw malicious suspicious downtime pyramid_scheme"),
    (Topic.HACK, -1.8, "fake"),
    (Topic.REGULATION, -3.0, "lawsuit sue sued suing charged indict indicted guilty convicted arrest arrested jail"),
    (Topic.REGULATION, -3.0, "prison crackdown outlaw ban banned banning illegal criminal money_laundering"),
    (Topic.REGULATION, -3.0, "class_action crack_down"),
    (Topic.REGULATION, -2.5, "fined penalty subpoena seize seized seizure sanction sanctioned cease_and_desist"),
    (Topic.REGULATION, -2.5, "unregistered"),
    (Topic.REGULATION, -2.2, "probe investigate investigation investigating allege alleged complaint violation"),
    (Topic.REGULATION, -2.2, "violate violated"),
    (Topic.REGULATION, -2.0, "prohibit restrict restriction unlicensed unauthorized laundering tax_evasion"),
    (Topic.REGULATION, -2.0, "terrorism terrorist reject rejected rejection denied sentenced court_orders"),
    (Topic.REGULATION, -2.0, "faces_charges crime felony charge charges accuse accused mislead misleading"),
    (Topic.REGULATION, -2.0, "deceptive blacklist surrender bail ransom levy"),
    (Topic.REGULATION, -1.5, "limit limits tighter stricter curb curbs shut stop stops stopped opposing oppose"),
    (Topic.REGULATION, -1.2, "scrutiny regulator watchdog prosecutor warn warning warned caution clamp settle"),
    (Topic.REGULATION, -1.2, "settlement"),
    (Topic.REGULATION, -0.7, "dispute court taxes irs lawmaker enforcement against oversight"),
    (Topic.REGULATION, 1.0, "license licence clarity sandbox authorize authorise pro_crypto regulated compliant"),
    (Topic.REGULATION, 1.0, "charter"),
    (Topic.REGULATION, 2.0, "approve approved approval legal_tender legalize legalise greenlight green_light"),
    (Topic.REGULATION, 2.0, "licensed exonerate in_principle dismissed lawsuit_dismissed wins_approval"),
    (Topic.REGULATION, 2.0, "grants_license receives_license cleared"),
    (Topic.INSOLVENCY, -3.5, "bankrupt bankruptcy insolvent insolvency chapter_11 collapse collapsed defunct"),
    (Topic.INSOLVENCY, -3.5, "wiped_out"),
    (Topic.INSOLVENCY, -2.5, "default liquidated liquidation layoff lays_off laid_off bailout shut_down shutdown"),
    (Topic.INSOLVENCY, -2.5, "shutting"),
    (Topic.INSOLVENCY, -2.0, "suspend suspended suspension halt halted freeze frozen froze delist delisted"),
    (Topic.INSOLVENCY, -2.0, "delisting unpaid"),
    (Topic.INSOLVENCY, -1.3, "resign resigned step_down steps_down quit quits troubled debt struggle struggling"),
    (Topic.INSOLVENCY, -1.3, "restructuring"),
    (Topic.PRICE, -3.0, "crash crashed plunge plummet tumble nosedive bloodbath selloff sell_off capitulation"),
    (Topic.PRICE, -3.0, "freefall tank"),
    (Topic.PRICE, -2.5, "outflow long_squeeze longs_liquidated"),
    (Topic.PRICE, -2.2, "slump slide slid sink sank dump dumped drop dropped fall fell falling bearish"),
    (Topic.PRICE, -2.2, "bear_market death_cross"),
    (Topic.PRICE, -2.0, "sold_off sells_off liquidations wipe wipes rout carnage pain blood downtrend"),
    (Topic.PRICE, -2.0, "downturn sour dwindle"),
    (Topic.PRICE, -1.8, "decline lose loses losing loss losses lost down downward plunging retreat shed erase"),
    (Topic.PRICE, -1.8, "correction"),
    (Topic.PRICE, -1.3, "dip below pullback weak weaker weakness underperform slip slipped bleed overbought"),
    (Topic.PRICE, -1.3, "sell_pressure"),
    (Topic.PRICE, -1.0, "low lowest lower selling downside red volatile volatility bears slowdown slow"),
    (Topic.PRICE, -1.0, "cooling stall"),
    (Topic.PRICE, 1.0, "profit profitable inflow demand optimism optimistic confident double triple"),
    (Topic.PRICE, 1.0, "accumulate undervalued"),
    (Topic.PRICE, 1.3, "high bulls bull milestone surpass exceed top tops above hit hits reach reaches cross"),
    (Topic.PRICE, 1.3, "crosses peak green"),
    (Topic.PRICE, 1.8, "gain rise rises rising rose climb rebound recover recovered recovery upside higher"),
    (Topic.PRICE, 1.8, "up spike doubles"),
    (Topic.PRICE, 2.5, "surge rally jump bullish breakout rocket explode boom record highs outperform"),
    (Topic.PRICE, 2.5, "parabolic short_squeeze shorts_liquidated shorts_are_liquidated bearish_bets"),
    (Topic.PRICE, 2.5, "past_resistance heavy_inflow"),
    (Topic.PRICE, 3.0, "soar skyrocket all_time_high ath new_high record_high moon bull_run golden_cross"),
    (Topic.PRICE, 3.0, "bull_market"),
    (Topic.ADOPTION, 0.4, "million billion trillion bank firm company startup dollars worth capital treasury"),
    (Topic.ADOPTION, 0.5, "fund funds open opens investor investors"),
    (Topic.ADOPTION, 1.0, "payment paypal visa mastercard fidelity goldman jpmorgan morgan_stanley giant"),
    (Topic.ADOPTION, 1.0, "accelerate hire hires appoint appoints exposure merchant merchants users adds add"),
    (Topic.ADOPTION, 1.0, "helps help led leads welcome funding custody staking_service"),
    (Topic.ADOPTION, 1.5, "expand expands expansion grow grows growing growth grew join joins team_up teams_up"),
    (Topic.ADOPTION, 1.5, "collaborate donate donation valuation valued revenue institutional institution"),
    (Topic.ADOPTION, 1.5, "custodian nasdaq ipo payments acceptance gift award awards endorsement deal deals"),
    (Topic.ADOPTION, 1.5, "acquihire adopting sponsor sponsorship alliance"),
    (Topic.ADOPTION, 1.8, "accept accepts accepting accepted integrate integrates integration acquire acquires"),
    (Topic.ADOPTION, 1.8, "acquisition buys invest invests invested investment raise backed backs bought buy"),
    (Topic.ADOPTION, 1.8, "buying purchase"),
    (Topic.ADOPTION, 2.2, "adopt adopts adopted adoption partner partners partnership mainstream embrace"),
    (Topic.ADOPTION, 2.2, "endorse raises raised funding_round seed_round series_a series_b series_c series_d"),
    (Topic.ADOPTION, 2.2, "unicorn go_public going_public"),
    (Topic.LISTING, 1.0, "support supports supporting marketplace trading_pair airdrop rewards staking stake"),
    (Topic.LISTING, 1.8, "list lists listed listing etf debut debuts futures_launch lists_on"),
    (Topic.TECHNOLOGY, -2.5, "delay delays delayed postpone postponed"),
    (Topic.TECHNOLOGY, -1.0, "congestion high_fees centralization"),
    (Topic.TECHNOLOGY, 0.5, "app network platform nft nfts wallet hardware lightning decentralized digital"),
    (Topic.TECHNOLOGY, 0.5, "testing tests test"),
    (Topic.TECHNOLOGY, 1.0, "announce announces enable enables allow allows offer offers faster secure secures"),
    (Topic.TECHNOLOGY, 1.0, "innovation build building develops developing layer interoperability sustainable"),
    (Topic.TECHNOLOGY, 1.0, "renewable carbon_neutral create release"),
    (Topic.TECHNOLOGY, 1.4, "upgrade upgrades upgraded improve improves improvement scaling solution mainnet live"),
    (Topic.TECHNOLOGY, 1.4, "goes_live boost"),
    (Topic.TECHNOLOGY, 1.6, "launch launches launched launching unveil unveils introduce introduces roll_out"),
    (Topic.TECHNOLOGY, 1.6, "rolls_out"),
    (Topic.MACRO, -1.8, "recession war invasion rate_hike crisis turmoil tapering hawkish uncertainty"),
    (Topic.MACRO, -1.8, "contagion shortage hot_inflation tariffs above_forecasts rate_hikes rattle rattles"),
    (Topic.MACRO, -0.6, "inflation tightening"),
    (Topic.MACRO, 0.8, "safe_haven store_of_value"),
    (Topic.MACRO, 1.2, "stimulus rate_cut dovish easing hedge"),
    (Topic.MACRO, 1.8, "rate_cuts below_forecasts below_expectations trade_agreement"),
    (Topic.HACK, -3.0, "exit_scam embezzle embezzled misappropriate misappropriated depeg depegs loses_peg ddos"),
    (Topic.HACK, -2.5, "insider_trading wash_trading manipulation manipulate manipulated blackmail sim_swap"),
    (Topic.HACK, -2.5, "impersonator fugitive red_notice backdoor flash_loan_attack"),
    (Topic.REGULATION, -3.0, "jailed extradite extradited extradition detain detained raid raids raided"),
    (Topic.REGULATION, -3.0, "pleads_guilty plead_guilty pleaded_guilty"),
    (Topic.REGULATION, -2.0, "confiscate confiscated expel evict evicted outlawed admits admit forfeit noncompliance"),
    (Topic.INSOLVENCY, -2.5, "pauses_withdrawals withdrawals_paused suspends_withdrawals halts_withdrawals creditors"),
    (Topic.INSOLVENCY, -2.0, "layoffs job_cuts cuts_jobs writedown writes_down impairment downgrade downgrades"),
    (Topic.PRICE, -2.2, "skid skids stumble stumbles sag sags wobble wobbles slashes crater craters meltdown"),
    (Topic.PRICE, -1.3, "under_pressure stuck stagnant uncertain fud"),
    (Topic.PRICE, 1.8, "beat beats outpace outpaces eclipse eclipses bounce bounces bottoms_out oversubscribed"),
    (Topic.TECHNOLOGY, 2.0, "breakthrough token_burn"),
    (Topic.ADOPTION, 0.4, "hedge_fund hedge_funds"),
    (Topic.TECHNOLOGY, 0.0, "mining_difficulty difficulty_adjusts"),
    (Topic.REGULATION, -2.2, "illicit evasion allegations allegedly"),
    (Topic.PRICE, -1.2, "winter pause trap"),
    (Topic.PRICE, 1.0, "momentum uptick nears flips"),
    (Topic.PRICE, 1.8, "reclaim uptrend comeback rallied relief pumps"),
    (Topic.ADOPTION, 0.6, "eyes aims targets powers enters extends pledges brings legal"),
    (Topic.ADOPTION, 1.2, "taps tap onboards onboard inks attract attracts collaboration agreement pilot deploy"),
    (Topic.ADOPTION, 1.5, "fundraise fundraising revolutionize"),
    (Topic.OTHER, -2.0, "bust chaos woes bashes losers"),
    (Topic.OTHER, -1.5, "beware controversial scheme scraps ditches emergency lack waste tension conflict"),
    (Topic.OTHER, -0.8, "faces leaves alert protests"),
    (Topic.OTHER, 1.2, "friendly healthy progress safer resilience victory scores strengthen bolster facilitate"),
    (Topic.OTHER, -2.0, "fear fears panic worry worries worried worst bad fail fails failed failure dead"),
    (Topic.OTHER, -2.0, "death kill blame slam criticism backlash poison uninvestable worthless useless"),
    (Topic.OTHER, -2.0, "unsafe vulnerable overvalued overhyped hoax"),
    (Topic.OTHER, -1.6, "risk risks risky danger dangerous threat threaten concern concerns concerned bubble"),
    (Topic.OTHER, -1.6, "criticize criticise"),
    (Topic.OTHER, -1.5, "impacted hurt hurts suffer suffers headwinds setback disappoint disappointing"),
    (Topic.OTHER, -1.5, "prepared_to_lose steps_back"),
    (Topic.OTHER, -1.3, "critic critics skeptic skeptical doubt negative problem problems trouble wrong avoid"),
    (Topic.OTHER, -1.3, "block blocked"),
    (Topic.OTHER, -1.2, "cut cuts closes closing abandon remove removed removes withdraw withdraws withdrawn"),
    (Topic.OTHER, -1.2, "controversy mistake"),
    (Topic.OTHER, -0.8, "energy_consumption environmental pollution hurdle challenge despite amid cautious"),
    (Topic.OTHER, 0.0, "funding_rate funding_rates risk_assets mutual_fund open_interest brace"),
    (Topic.OTHER, 0.7, "new more latest plan plans partnered interest major world"),
    (Topic.OTHER, 1.2, "benefit popular popularity opportunity potential leader leading first biggest_ever"),
    (Topic.OTHER, 1.2, "advance praise ready"),
    (Topic.OTHER, 1.8, "win wins won success successful best great good positive strong stronger strength"),
    (Topic.OTHER, 1.8, "achieve achieves"),
)

_NEGATIONS = (
    "not no never without cannot nor neither hardly unlikely lacks isn't won't can't don't doesn't didn't aren't "
    "wasn't wouldn't isnt wont cant dont doesnt didnt arent wasnt wouldnt"
)
NEGATIONS = frozenset(_NEGATIONS.split())
# A word that undoes what follows: whoever denies a hack or fights a fraud brings good news of bad things.
REVERSALS = frozenset(
    ("deny", "denies", "recoup", "fight", "fights", "combat", "combats", "prevent", "prevents", "avert")
)
_STRONGER = ("massive", "huge", "biggest", "largest", "sharply", "major", "record", "historic", "heavily", "extreme")
_WEAKER = ("slightly", "may", "could", "might", "possibly", "reportedly", "considers", "considering", "if", "whether")
STRONGER: Mapping[str, float] = MappingProxyType(dict.fromkeys(_STRONGER, 1.4))
WEAKER: Mapping[str, float] = MappingProxyType(dict.fromkeys(_WEAKER, 0.6))


@cache
def lexicon() -> Mapping[str, Meaning]:
    """Every word and phrase with its meaning. A word listed twice is a mistake of ours, caught by a test."""
    return MappingProxyType(
        {word: Meaning(weight, topic) for topic, weight, listed in _GROUPS for word in listed.split()}
    )


def listed_words() -> tuple[str, ...]:
    """All words as listed, repeats included."""
    return tuple(word for _, _, listed in _GROUPS for word in listed.split())


@cache
def meaning_of(word: str) -> Meaning | None:
    """The meaning of a word or of its stem; None when the lexicon is silent."""
    table = lexicon()
    for form in _forms(word):
        if form in table:
            return table[form]
    return None


def _forms(word: str) -> tuple[str, ...]:
    forms = [word, word.removesuffix("'s")]
    for ending, replacements in (
        ("ies", ("y",)),
        ("es", ("e", "")),
        ("s", ("",)),
        ("ed", ("e", "")),
        ("ing", ("e", "")),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            base = word.removesuffix(ending)
            forms.extend(base + replacement for replacement in replacements)
            if ending in ("ed", "ing") and len(base) > 3 and base[-1] == base[-2]:
                forms.append(base[:-1])
    return tuple(forms)
