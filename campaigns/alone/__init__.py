"""Rules one by one: where another rule would stand in for one that is gone, the scene is set so that none can.

The storm asks what comes of everything at once. A guard has its rules twice on purpose, so a rule may be missing and
the storm not notice. Here each scene arms one failure, and holds the guard to the one promise that answers it.
"""
