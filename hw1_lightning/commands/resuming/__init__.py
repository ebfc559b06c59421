"""`hw1 fit --ckpt_path`: which run is resumed, and with which options."""
