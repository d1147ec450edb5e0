"""Views on the case, the ledger and the weighing model. They hold no rule of their own: Python has the only model."""
