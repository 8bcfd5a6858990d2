"""D6: how many customers can find a coupon that a friend's completed purchase earned?"""
