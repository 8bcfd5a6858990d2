"""F3: whom to seed, coupons for a circle, and prices by place among friends."""
