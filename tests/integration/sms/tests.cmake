set(whole_suites SmsContract)
