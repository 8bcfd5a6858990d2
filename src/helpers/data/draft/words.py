"""What columns are called in other people's files: names by which a column of the contract is known."""

from __future__ import annotations

import re
from collections.abc import Mapping

WORDS: dict[str, dict[str, str]] = {
    "customers": {
        "customer_id": "customer unique id, customer id, customer, user id, user, buyer, member id, email, "
        "email billing, 用户标识, 买家会员名, 买家id, 会员名, 会员id, 对方账户, 用户id, 客户id, "
        "customer no, customer number, client id, client, kundennummer, kundennr, kunden-nr, kunde",
        "joined_at": "joined at, registered at, signup, sign up date, registration date, 注册时间",
        "gender": "gender, sex, 性别",
        "channel": "channel, utm source, 渠道",
    },
    "items": {
        "item_id": "item id, product id, sku, stock code, artist id, 商家编码, 商品编码, 商品id, 商品名称, "
        "lineitem sku, lineitem name, product, article, item, artikelnummer, artikelnr, artikel-nr, artikel",
        "title": "title, product name, item name, lineitem name, name, description, 标题, 宝贝标题, "
        "商品名称, product, article, item, artikelname, bezeichnung, artikel",
        "category": "category, category name, product category name, department, aisle, 类目, 分类, "
        "kategorie, warengruppe",
        "list_price_cents": "list price, original price, 原价, 吊牌价",
        "launched_at": "launched at, launch date, 上架时间",
    },
    "orders": {
        "order_id": "order id, order number, order no, order, invoice no, invoice, number, 订单编号, 订单号, "
        "商户订单号, name, order reference, order ref, bestellnummer, bestellnr, bestell-nr, auftragsnummer, "
        "rechnungsnummer",
        "customer_id": "customer unique id, customer id, customer, user id, user, buyer, member id, email, "
        "email billing, 用户标识, 买家会员名, 买家id, 会员名, 会员id, 对方账户, 用户id, 客户id, "
        "customer no, customer number, client id, client, kundennummer, kundennr, kunden-nr, kunde",
        "placed_at": "placed at, created at, order date, order purchase timestamp, order time, invoice date, "
        "date, 订单创建时间, 创建时间, 下单时间, 交易时间, ordered at, purchased at, purchase date, "
        "order datetime, datetime, timestamp, bestelldatum, bestellt am, kaufdatum, rechnungsdatum, datum",
        "status": "status, order status, financial status, 订单状态, 交易状态, bestellstatus",
        "coupon_id": "coupon code, coupon, discount code, coupon id, 优惠券",
        "shipping_fee_cents": "shipping, shipping fee, order shipping amount, freight, 买家应付邮费, 运费",
    },
    "order_lines": {
        "order_id": "order id, order number, order no, order, invoice no, invoice, number, 订单编号, 订单号, "
        "商户订单号, name, order reference, order ref, bestellnummer, bestellnr, bestell-nr, auftragsnummer, "
        "rechnungsnummer",
        "line_number": "line number, order item id, item #, line, add to cart order",
        "item_id": "item id, product id, sku, stock code, artist id, 商家编码, 商品编码, 商品id, 商品名称, "
        "lineitem sku, lineitem name, product, article, item, artikelnummer, artikelnr, artikel-nr, artikel",
        "quantity": "quantity, qty, pieces, lineitem quantity, quantity - refund, 购买数量, 数量, 件数, "
        "units, menge, anzahl, stück",
        "unit_price_cents": "unit price, price, lineitem price, item cost, 价格, 单价, 单价 元, 订单金额, "
        "订单金额 元, 金额 元, price per unit, price each, item price, einzelpreis, stückpreis, preis",
    },
    "reviews": {
        "review_id": "review id, id",
        "customer_id": "customer unique id, customer id, user id, reviewer id, 用户id",
        "order_id": "order id, order number, 订单编号",
        "item_id": "item id, product id, sku, 商品id",
        "rating": "rating, score, stars, review score, 评分",
        "posted_at": "posted at, review answer timestamp, review date, created at, 评价时间",
    },
}
STATUSES = {
    "paid": "paid, processing, approved, invoiced, authorized, success, 买家已付款 等待卖家发货, 已付款, "
    "支付成功, 待发货, bezahlt, in bearbeitung",
    "shipped": "shipped, 卖家已发货 等待买家确认, 已发货, versendet, versandt",
    "completed": "completed, complete, delivered, fulfilled, closed, 交易成功, 已完成, 已签收, "
    "abgeschlossen, geliefert, zugestellt",
    "cancelled": "cancelled, canceled, voided, failed, unavailable, revoked, pending payment, 交易关闭, "
    "已取消, 等待买家付款, 待付款, storniert",
    "refunded": "refunded, refund, 已退款, 已全额退款, erstattet",
}


def plain(name: str) -> str:
    """Return a name without capitals and marks.

    >>> plain("Email (Billing)"), plain("orderId"), plain("订单金额（元）")
    ('email billing', 'order id', '订单金额 元')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\s_.:()（）,，;/]+", " ", spaced.removesuffix(":token")).lower().split())


def match(table: str, columns: Mapping[str, list[str]]) -> dict[str, str]:
    """Return, for each column of the contract, the first of its names that a file has.

    columns: of the file, with their first values; of the names for an id, one that is never empty goes first.
    """
    known = {plain(name): name for name in reversed(list(columns))}
    found = {}
    for column, words in WORDS[table].items():
        ranked = [column.replace("_", " "), *words.split(", ")]
        names = [known[word] for word in dict.fromkeys(ranked) if word in known]
        if column.endswith("_id"):
            names.sort(key=lambda name: not all(columns[name]))
        if names:
            found[column] = names[0]
    return found


def status_of(value: str) -> str:
    """Return the status of the contract that a word stands for; empty where it is not known."""
    word = plain(value)
    return next((status for status, words in STATUSES.items() if word in words.split(", ")), "")
