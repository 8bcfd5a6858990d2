"""Signs of manipulation, each against what honest units of its size show, and how they are put together."""

from methods.manipulation.burst import Bursts, burst_scan
from methods.manipulation.combine import PooledEvidence, cauchy, pooled_by_account
from methods.manipulation.dense_block import Block, JudgedBlocks, blocks_beyond_chance, dense_block
from methods.manipulation.evidence import LikeEvidence, like_evidence
from methods.manipulation.fairness import FairnessGoodness, fairness_goodness
from methods.manipulation.lockstep import Lockstep, lockstep_pairs
from methods.manipulation.orders import (
    SuspiciousOrders,
    SuspiciousSellers,
    suspicious_orders,
    suspicious_sellers,
)
from methods.manipulation.reach import went_round
from methods.manipulation.strangers import Strangers, stranger_share
from methods.manipulation.verdicts import LearnedEvidence, learn_from_verdicts

__all__ = [
    "Block",
    "Bursts",
    "FairnessGoodness",
    "JudgedBlocks",
    "LearnedEvidence",
    "LikeEvidence",
    "Lockstep",
    "PooledEvidence",
    "Strangers",
    "SuspiciousOrders",
    "SuspiciousSellers",
    "blocks_beyond_chance",
    "burst_scan",
    "cauchy",
    "dense_block",
    "fairness_goodness",
    "learn_from_verdicts",
    "like_evidence",
    "lockstep_pairs",
    "pooled_by_account",
    "stranger_share",
    "suspicious_orders",
    "suspicious_sellers",
    "went_round",
]
