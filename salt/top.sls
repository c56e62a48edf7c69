# Which states a machine gets. Applied masterless, by `salt-call --local state.apply`.
base:
  '*':
    - base
