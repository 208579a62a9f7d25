"""Mail in and out: alert mail from other products' consoles, and the letters that the shop sends."""
