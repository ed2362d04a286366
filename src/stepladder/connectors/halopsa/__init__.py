"""HaloPSA: the daily path of tickets over its REST API. Facts and their grades: docs/connectors/halopsa-facts.md."""
