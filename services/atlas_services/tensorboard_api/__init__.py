"""The TensorBoard service: log directories of chosen jobs, and a TensorBoard for each while somebody looks."""
