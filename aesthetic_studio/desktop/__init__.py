"""The window: views, panels, commands and the threads behind them. The only room that imports Qt."""
