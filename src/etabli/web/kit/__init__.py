"""What every page is made with: templates, formats, forms, errors, Markdown, static files.

Owns: the rendering of pages and of what people wrote.
May use: the features' nouns and errors, and no other page.
"""
