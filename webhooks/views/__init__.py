"""The API of webhooks, and the page that explains them."""
