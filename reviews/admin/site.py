from django.contrib import admin


class ReformAdminSite(admin.AdminSite):
    site_header = "行財政改革プラン進捗管理"
