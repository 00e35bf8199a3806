set(whole_suites SearchOpenSearch)
