"""The contract's tables of social life and of what the shop tried: ties, posts, tests, recommendations."""

from __future__ import annotations

from helpers.data.contract import (
    Table,
    customer_column,
    flag_column,
    id_column,
    integer_column,
    money_column,
    number_column,
    text_column,
    time_column,
)

SOCIAL = (
    Table(
        name="ties",
        row="two customers who are friends (undirected, each pair once)",
        key=("customer_a", "customer_b"),
        unordered=("customer_a", "customer_b"),
        time="since_at",
        is_of_events=False,
        not_before=(("until_at", "since_at"),),
        columns=(
            customer_column("one of the two", name="customer_a"),
            customer_column("the other", name="customer_b"),
            time_column("since_at", "friends from"),
            time_column("until_at", "friends until; empty while they still are", null="allowed"),
            number_column("strength", "how close, above 0 (weak) to 1 (strong)", low=0, high=1),
        ),
    ),
    Table(
        name="shares",
        row="a post about an order or item",
        key=("share_id",),
        time="posted_at",
        not_before=(("posted_at", "orders.placed_at"),),
        columns=(
            id_column("share_id", "the post"),
            customer_column("who shared"),
            id_column("order_id", "the order shown", null="allowed", references="orders"),
            id_column("item_id", "the product shown", null="allowed", references="items"),
            text_column("audience", "to whom", allowed=("timeline", "group", "friend")),
            customer_column("the one friend it was sent to", name="receiver_id", null="allowed"),
            text_column("format", "its form", allowed=("short_video", "live", "picture_text", "voice")),
            flag_column("prompted", "whether the shop asked for it"),
            time_column("posted_at", "when it was posted"),
        ),
    ),
    Table(
        name="reactions",
        row="a like, comment, click or join on a post, or the brand's reply to a comment",
        key=("reaction_id",),
        time="posted_at",
        not_before=(("posted_at", "shares.posted_at"),),
        columns=(
            id_column("reaction_id", "the reaction"),
            id_column("share_id", "the post", references="shares"),
            customer_column("who reacted; empty for the brand and for strangers", null="allowed"),
            text_column(
                "kind", "what it is", null="never", allowed=("like", "comment", "click", "reply", "join")
            ),
            id_column("parent_id", "the comment a reply answers", null="allowed", references="reactions"),
            integer_column("likes", "likes that a comment received"),
            time_column("posted_at", "when"),
        ),
    ),
    Table(
        name="coupons",
        row="a coupon",
        key=("coupon_id",),
        time="issued_at",
        not_before=(("expires_at", "issued_at"),),
        columns=(
            id_column("coupon_id", "the coupon"),
            customer_column("who holds it"),
            text_column(
                "source",
                "how it was earned",
                null="never",
                allowed=("threshold", "circle", "campaign", "level", "shop"),
            ),
            money_column("worth_cents", "what it takes off", null="never"),
            time_column("issued_at", "when it was issued"),
            time_column("expires_at", "last moment of use", null="allowed"),
            id_column("share_id", "the post that earned it", null="allowed", references="shares"),
            id_column("redeemed_order_id", "the order it was used on", null="allowed", references="orders"),
        ),
    ),
    Table(
        name="events",
        row="a visit, view, search or cart",
        key=("event_id",),
        time="happened_at",
        columns=(
            id_column("event_id", "the event"),
            customer_column("who"),
            text_column("kind", "what", null="never", allowed=("visit", "view", "search", "cart")),
            id_column("item_id", "the product viewed or put in the cart", null="allowed", references="items"),
            id_column("session_id", "the visit it belongs to", null="allowed"),
            text_column("query", "the words searched"),
            time_column("happened_at", "when"),
        ),
    ),
    Table(
        name="experiments",
        row="a unit's arm in a randomised test",
        key=("experiment", "customer_id"),
        time="assigned_at",
        columns=(
            text_column("experiment", "name of the test", null="never"),
            customer_column("the unit"),
            text_column(
                "arm", "the arm drawn; control is the reference, unless declared otherwise", null="never"
            ),
            text_column("stratum", "stratum of the draw"),
            text_column("cluster", "cluster of the draw, where whole groups were drawn"),
            time_column("assigned_at", "when it was drawn"),
            number_column("outcome", "what the test recorded of the unit: 0 or 1, or a number", low=None),
        ),
    ),
    Table(
        name="programmes",
        row="when a seller, category or customer came under a staged programme",
        key=("programme", "unit_kind", "unit_id"),
        columns=(
            text_column("programme", "name of the programme", null="never"),
            text_column(
                "unit_kind", "what comes under it", null="never", allowed=("seller", "category", "customer")
            ),
            text_column("unit_id", "which one", null="never"),
            time_column("started_at", "from when; empty: not yet", null="allowed"),
        ),
    ),
    Table(
        name="impressions",
        row="one recommended item shown",
        key=("impression_id",),
        time="shown_at",
        columns=(
            id_column("impression_id", "the impression"),
            customer_column("to whom"),
            id_column("item_id", "what", references="items"),
            text_column("policy", "the policy that chose it", null="never"),
            integer_column("position", "place in the list, from 1", low=1),
            number_column("propensity", "chance with which the policy showed it there", high=1),
            number_column(
                "other_propensity", "chance with which the other policy on trial would have done so", high=1
            ),
            time_column("shown_at", "when"),
            flag_column("clicked", "whether it was clicked"),
            flag_column("bought", "whether it was bought within 7 days"),
        ),
    ),
    Table(
        name="holdouts",
        row="one product that a list had for a customer, shown or withheld by a coin",
        key=("holdout_id",),
        time="decided_at",
        columns=(
            id_column("holdout_id", "the place in the list"),
            id_column("slate_id", "the list as a whole, drawn once and shown or withheld as one"),
            customer_column("for whom"),
            id_column("item_id", "what", references="items"),
            text_column("policy", "what kind of list it is", null="never"),
            integer_column("position", "place in the list, from 1", low=1),
            flag_column("shown", "whether the coin let it be shown", null="never"),
            number_column("shown_chance", "chance with which the coin showed it", high=1),
            time_column("decided_at", "when the coin was tossed"),
            flag_column("bought", "whether it was bought within 7 days, at whatever till", null="never"),
        ),
    ),
    Table(
        name="activities",
        row="an activity that a customer was given, took part in, or was held back from",
        key=("activity_id",),
        time="happened_at",
        columns=(
            id_column("activity_id", "the row"),
            customer_column("the customer"),
            text_column(
                "kind",
                "what it is: greeting, check_in, streak (about to break), badge, review_reward, invitation, "
                "tutorial, live, lottery, meeting, …",
                null="never",
            ),
            text_column("arm", "what a lot gave; control: held back (of a streak: it ended); empty: no lot"),
            number_column("planned_share", "planned share of customers in this arm", high=1),
            time_column("happened_at", "when it was given, held back or took place"),
        ),
    ),
    Table(
        name="prompts",
        row="a request to share that was sent, or that a coin kept back",
        key=("prompt_id",),
        time="asked_at",
        columns=(
            id_column("prompt_id", "the request"),
            customer_column("who was asked, or would have been"),
            text_column("kind", "what kind of request"),
            time_column("asked_at", "when it was sent, or would have been"),
            integer_column(
                "asks", "how many requests of the week from then on it stands for; empty: 1", low=1
            ),
            integer_column("groups", "to how many groups or friends a share was asked for"),
            money_column("reward_cents", "what a share was promised"),
            number_column("chance", "chance with which it was sent; empty: not drawn by chance", high=1),
            flag_column("asked", "whether it was sent; empty: yes"),
            flag_column("shared", "whether the customer then shared, by whatever way"),
            flag_column("opted_out", "whether the customer then asked for no more messages"),
        ),
    ),
    Table(
        name="audits",
        row="a person's verdict on a suspect post, account, order or seller",
        key=("audit_id",),
        time="judged_at",
        columns=(
            id_column("audit_id", "the verdict"),
            text_column(
                "unit_kind", "what was judged", null="never", allowed=("post", "account", "order", "seller")
            ),
            text_column("unit_id", "its share_id, customer_id, order_id or seller_id", null="never"),
            text_column("verdict", "what the person found", null="never", allowed=("manipulated", "honest")),
            text_column("picked", "how it came to be judged: by lot, many likes, a complaint, …"),
            number_column("picked_chance", "chance that it was picked", high=1),
            time_column("judged_at", "when"),
        ),
    ),
    Table(
        name="surveys",
        row="an NPS answer or a reason for leaving",
        key=("survey_id",),
        time="answered_at",
        columns=(
            id_column("survey_id", "the answer"),
            customer_column("who"),
            time_column("answered_at", "when"),
            text_column("kind", "what was asked", null="never", allowed=("nps", "leaving")),
            integer_column("score", "0 to 10, would recommend", low=0, high=10),
            text_column("reason", "reason given for leaving"),
        ),
    ),
)
