"""Photos side by side: champion against challenger, and a survey of up to nine."""
