"""Networks that look: each a light entry, and an implementation imported only in its child."""
