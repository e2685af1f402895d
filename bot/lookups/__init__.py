"""What people ask of Baton and it answers without changing anything: status, queue, history, details."""
