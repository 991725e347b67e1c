"""Files of transactions: streamed, validated, and every record stored or reported."""
