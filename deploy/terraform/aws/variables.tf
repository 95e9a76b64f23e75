variable "name" {
  description = "Begins the name of everything that is made."
  type        = string
  default     = "messagecore"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "Small letters, digits and hyphens, 31 at most, a letter first."
  }
}

variable "vpc_id" {
  description = "The network, which is there already."
  type        = string
}

variable "private_subnet_ids" {
  description = "Subnets of at least two zones, without a way in from the internet; nodes need a way out to pull images."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "PostgreSQL and Redis need subnets of two zones."
  }
}

variable "kubernetes_api_cidrs" {
  description = "Who may reach the API of Kubernetes from the internet; nobody when empty."
  type        = list(string)
  default     = []
}

variable "kubernetes_version" {
  type    = string
  default = "1.33"
}

variable "node_instance_type" {
  type    = string
  default = "m7g.large"
}

variable "node_count" {
  description = "Of which one may go: so many and two more at most."
  type        = number
  default     = 3
}

variable "postgres_version" {
  description = "Major version, 15 or newer."
  type        = string
  default     = "17"

  validation {
    condition     = can(tonumber(var.postgres_version)) && tonumber(var.postgres_version) >= 15
    error_message = "MessageCore needs PostgreSQL 15 or newer."
  }
}

variable "postgres_instance_class" {
  type    = string
  default = "db.m7g.large"
}

variable "postgres_storage_gib" {
  description = "To begin with; it grows up to ten times as much by itself."
  type        = number
  default     = 100
}

variable "redis_node_type" {
  type    = string
  default = "cache.t4g.small"
}

variable "redis_auth_token" {
  description = "Password of Redis, 16 to 128 characters. It is kept in Terraform's state: encrypt that."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.redis_auth_token) >= 16 && length(var.redis_auth_token) <= 128
    error_message = "16 to 128 characters."
  }
}

variable "tags" {
  type    = map(string)
  default = {}
}
