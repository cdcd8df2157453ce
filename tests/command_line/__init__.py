"""The `shipmate` command as someone types it: in processes of their own, from a folder that is not the checkout."""
