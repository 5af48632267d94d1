"""Baselines that the model is compared with."""
