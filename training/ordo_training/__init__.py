"""Training, export and evaluation of any-order image models for Ordo."""
