"""Estimators, metrics and models that know no shop: arrays and frames in, frozen numbers out.

adjust: effects of what people chose to do. trials: effects of what chance dealt out.
thresholds: jumps at a cut-off. staged: programmes that reach some before others.
targeting: for whom an effect is largest. sequential: looking while a test runs.
graphs: who stands where among friends.
customers: when they come back, what they are worth, which groups they form.
lists, baskets, logs: recommenders, products that go together, policies judged from another policy's log.
intervals, regression, learners: what all of these rest on.

Each family is imported by itself: `from methods.adjust import adjusted_effect`.
"""
