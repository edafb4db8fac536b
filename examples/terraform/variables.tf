variable "endpoint" {
  description = "Where the installation answers: `endpoint` in credentials.json"
  type        = string
  default     = "http://127.0.0.1:8080"
}

variable "cloud_api_key" {
  description = "`cloud_api_key` in credentials.json"
  type        = string
}

variable "cloud_api_secret" {
  description = "`cloud_api_secret` in credentials.json"
  type        = string
  sensitive   = true
}

variable "name" {
  description = "Of the environment; names what belongs to it too"
  type        = string
  default     = "staging"
}
