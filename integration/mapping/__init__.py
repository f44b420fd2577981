"""The field mapping between Lime and Billecta: catalogue of fields, mappings as values, and pure functions that apply them."""
