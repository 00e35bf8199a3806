/* The library that missing_dependency cannot find. */
int fixture_dependency(void);
int fixture_dependency(void) {
  return 1;
}
