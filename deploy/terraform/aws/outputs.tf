output "kubernetes" {
  description = "For: aws eks update-kubeconfig --name NAME"
  value       = { name = aws_eks_cluster.this.name, endpoint = aws_eks_cluster.this.endpoint }
}

output "database_url" {
  description = "DATABASE_URL without the password, which is in the secret. The certificates of sslrootcert come from Amazon."
  value       = "postgres://messagecore:PASSWORD@${aws_db_instance.postgres.endpoint}/messagecore?sslmode=verify-full&sslrootcert=/etc/ssl/rds/global-bundle.pem"
}

output "database_secret_arn" {
  description = "The secret with user and password."
  value       = aws_db_instance.postgres.master_user_secret[0].secret_arn
}

output "redis_url" {
  description = "REDIS_URL without the password."
  value       = "rediss://:PASSWORD@${aws_elasticache_replication_group.redis.primary_endpoint_address}:6379"
}
