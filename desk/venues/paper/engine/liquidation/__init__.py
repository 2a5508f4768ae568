"""What happens when margin no longer suffices: calls, forced closing, the fund, deleveraging."""
