"""HaloPSA: the daily path of tickets over its REST API. Facts and their grades: API.md in the design papers."""
