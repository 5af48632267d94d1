"""Baselines that the any-order classifier is compared with, on the same images, split and augmentation."""
