"""Between the contract's generated bindings and the rest of this package. Loaded by components only."""
