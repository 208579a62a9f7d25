"""The people of the shop and of its clients: who may sign in, and the shop they work for."""
