"""Stand-ins for the services Stepladder talks to. They do not import the product, nor the product them."""
