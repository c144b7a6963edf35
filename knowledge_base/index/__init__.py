"""The border to a package index: its address, the requests, what is kept between runs. It understands no page."""
