"""Helpers of the Stickiness Workbench: does sharing bring customers back?

Notebooks import these, and these call `methods`, which knows no shop (`help("methods")`).

    data        raw tables in, judged tables out: open_shop, load, profile, doubts, customer_panel
    stickiness  chapter 02, questions B1 to B10: do customers stay, and what goes with it
    uplift      chapter 03, questions A1 to A12: does sharing, a coupon or a programme cause it
    segments    chapter 04, questions C1 to C9: who they are, their circles and their leaders
    recommend   chapter 05, questions D1 to D7: do lists serve them
    guardrails  chapter 06, questions E1 to E4: is it honest and safe
    incentives  chapter 07, questions F1 to F7: which incentive to build
    report      what answers are said with: Chapter, Finding, show, forest, claims_ledger, save_findings
    command     the command `workbench`, which runs, judges and publishes the notebooks

A question is one folder named by its id, such as `uplift/a01_share_gap`; its function takes the shop:

    from helpers.data import open_shop
    from helpers.uplift import share_gap
    share_gap(open_shop("data/loaded/demo"))
"""
