"""The console: one page where an operator sees what the desk holds and why, and steers it by talking.

Gradio gives the shell: tabs, chat, editor. Panels are rendered here from what the window shows, escaped by the template
engine, and kept fresh in place over one socket; a panel that cannot see says so in place of a number.
"""
