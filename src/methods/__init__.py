"""Estimators, metrics and models that know no shop: arrays and frames in, frozen numbers out.

Effects
    adjust      of what people chose to do: adjusted_effect, dose_response, within_groups, sensitivity to
                what is not seen (benchmarks, e_value, robustness_value)
    trials      of what chance dealt out: intention_to_treat, complier_effect, sample_ratio; on other metrics
                (ratio_effect, capped_effect, quantile_effect), sharper (predicted_covariate), of nothing
                (equivalence), of two tests at once (overlapping_tests), of amounts (dose_arms) and of prompts
                (centred_least_squares); the size of the next test
    thresholds  of reaching a cut-off: sharp_rdd, rdd_honest_ci, local_randomisation; bunching at it
    staged      of programmes that reach some before others: group_time_att, randomisation_inference;
                of doses nobody drew (lead_placebo)
    targeting   for whom an effect is largest: cross_fitted_cate, ranked_area, winners_curse
    sequential  while a test runs: looks_as_known, sequential_test, spending_limits, decide_launch
People and what they do
    customers   when they come back (kaplan_meier, fit_purchases, fit_hazard), what they are worth (forecast),
                which groups they form (group, assign_tiers, judge_rankings)
    graphs      who stands where among friends: leiden, scan, pagerank, author_influence, count_buyers
    lists       recommenders and how well they serve: compare_models, recommend, accuracy, breadth
    ratings     rated by what happened to their cases: standardised_rates, rank_bands, weight_of_evidence
    baskets     products bought together: basket_pairs
    influence   who to seed, and what no list can pass: judge_seeds, greedy_seeds, mean_spread
    pricing     prices by place among friends: network_prices
    invitations customers who bring customers: viral_coefficient
    logs        policies judged from another policy's log: off_policy_evaluation, arm_means
    manipulation bought likes and faked orders: like_evidence of burst_scan, stranger_share, dense_block and
                lockstep_pairs; what verdicts teach (learn_from_verdicts), whose ratings to trust
What to choose
    simulate    a shop under incentives on its own ties: simulate_weeks, fitted to it by fit_moments
    decisions   who wins under which weights (rank_acceptability), which option to take (choose_option), what
                knowing a number would be worth (value_of_knowing)
What may leave
    disclosure  which numbers tell of too few people: is_few, is_dominated, attack, complementary suppression,
                estimates to two digits of their error (rounded_to_error)
What all of these rest on
    intervals   a number with its interval, tests, their adjustment: wilson, ratio_of_sums, bootstrap, holm
    regression  least squares and log-linear fits with robust errors, covariate_matrix
    learners    cross-fitted models of treatment and outcome: fit_nuisances

Each family is imported by itself, `from methods.adjust import adjusted_effect`; its `__all__` is what it
offers, everything else is how it does it. Every function has a short example: `help(adjusted_effect)`.
A result shows itself (warnings, then estimate, interval, p, n). Where data cannot answer, functions raise
`methods.errors.CannotAnswer`.
"""
