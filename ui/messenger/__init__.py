"""The desk in a messenger: the alert service, and a Telegram bot that keeps the rules of the console's chat.

From there the desk can be asked, paused, resumed and made safer. It can never reset the breaker, raise a limit or go
live, and whoever is not on the list of chats hears nothing.
"""
