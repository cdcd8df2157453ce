"""Cloud resources: Terraform's modules, and the Configurations that components become."""
