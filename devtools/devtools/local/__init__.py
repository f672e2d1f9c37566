"""Real servers as child processes on this machine, from wheels: for `selvhjelp up` and for tests only."""
