"""What Établi does: one folder a feature, on floors.

Owns: the product's rules. No HTTP, no JSON of a wire, no setting, no environment.
May use: the foundation, and the features on lower floors through their faces.
"""
