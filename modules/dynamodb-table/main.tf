locals {
  attributes = merge(
    { (var.key.partition.name) = var.key.partition.type },
    var.key.sort == null ? {} : { (var.key.sort.name) = var.key.sort.type },
    [for index in var.indexes : merge(
      { (index.partition.name) = index.partition.type },
      index.sort == null ? {} : { (index.sort.name) = index.sort.type },
    )]...
  )
}

resource "aws_dynamodb_table" "this" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = !var.destroyable
  hash_key                    = var.key.partition.name
  range_key                   = var.key.sort == null ? null : var.key.sort.name

  dynamic "attribute" {
    for_each = local.attributes

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.partition.name
      range_key       = global_secondary_index.value.sort == null ? null : global_secondary_index.value.sort.name
      projection_type = "ALL"
    }
  }

  dynamic "ttl" {
    for_each = var.time_to_live_attribute == null ? [] : [var.time_to_live_attribute]

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.recovery_days
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}
